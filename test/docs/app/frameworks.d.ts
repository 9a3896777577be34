// What blocks import that is not installed for one function.
declare module 'next/navigation' {
  export function useRouter(): { replace(path: string): void }
}
declare module '$app/navigation' {
  export function goto(url: string, options?: { replaceState?: boolean }): Promise<void>
}
