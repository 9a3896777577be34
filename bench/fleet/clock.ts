// The time of the simulation: it passes when nothing is left to be done, and is the same for all.

/** What a page has of a clock. */
export interface SimulatedClock {
  /** Milliseconds since the simulation began. */
  readonly now: () => number
  readonly setTimeout: (work: () => void, ms?: number) => number
  readonly setInterval: (work: () => void, ms?: number) => number
  readonly clear: (id: number | undefined) => void
  /** Lets time pass until then, with all that is to be done meanwhile. */
  readonly runUntil: (end: number) => Promise<void>
}

interface Timer {
  readonly id: number
  readonly at: number
  readonly work: () => void
}

/** Timers run at multiples of this, in milliseconds: the fewer moments, the faster it is. */
const STEP_MS = 10

export function createClock(): SimulatedClock {
  /** A binary heap; what was cleared stays in it until its time has come. */
  const heap: Timer[] = []
  const live = new Set<number>()
  let now = 0
  let serial = 0

  const isEarlier = (one: Timer, other: Timer): boolean =>
    one.at < other.at || (one.at === other.at && one.id < other.id)

  function push(timer: Timer): void {
    let index = heap.length
    heap.push(timer)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isEarlier(timer, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = timer
  }

  function pop(): Timer {
    const [first] = heap
    const last = heap.pop()!
    if (!heap.length) return first!
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child++
      if (!isEarlier(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return first!
  }

  function start(work: () => void, ms: number, id: number): void {
    const at = Math.ceil((now + Math.max(ms, 1)) / STEP_MS) * STEP_MS
    live.add(id)
    push({ id, at, work })
  }

  return {
    now: () => now,
    setTimeout(work, ms = 0) {
      const id = ++serial
      start(work, ms, id)
      return id
    },
    setInterval(work, ms = 0) {
      const id = ++serial
      const again = (): void => {
        start(again, ms, id)
        work()
      }
      start(again, ms, id)
      return id
    },
    clear: (id) => void live.delete(id!),
    async runUntil(end) {
      while (heap.length && heap[0]!.at <= end) {
        now = heap[0]!.at
        while (heap.length && heap[0]!.at <= now) {
          const { id, work } = pop()
          if (live.delete(id)) work()
        }
        await settle()
      }
      now = end
      await settle()
    },
  }
}

/** Resolves when every promise that can go on has done so. */
function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
