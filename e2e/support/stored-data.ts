import type { Page } from '@playwright/test'

/** Everything that the page's origin has stored here, by the kind of storage and the key. */
export function readStorages(page: Page): Promise<Record<string, string>> {
  return page.evaluate(async () => {
    const read = (name: string, storage: Storage) =>
      Array.from({ length: storage.length }, (_, index): [string, string] => {
        const key = storage.key(index) ?? ''
        return [`${name} ${key}`, storage.getItem(key) ?? '']
      })
    const entries = [
      ...read('localStorage', localStorage),
      ...read('sessionStorage', sessionStorage),
    ]
    const settle = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(request.error as Error))
      })
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settle(indexedDB.open(name))
      for (const storeName of database.objectStoreNames) {
        const store = database.transaction(storeName).objectStore(storeName)
        const [keys, values] = await Promise.all([
          settle(store.getAllKeys()),
          settle(store.getAll()),
        ])
        keys.forEach((key, index) => {
          entries.push([`indexedDB ${String(key)}`, JSON.stringify(values[index])])
        })
      }
      database.close()
    }
    return Object.fromEntries(entries)
  })
}
