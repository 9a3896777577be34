import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

/** A group for each name, with the pages that exist, by their headings. */
export function createSidebar(
  folder: string,
  groups: Readonly<Record<string, readonly string[]>>,
): DefaultTheme.SidebarItem[] {
  return Object.entries(groups).map(([text, pages]) => ({
    text,
    items: pages
      .filter((page) => existsSync(join(folder, `${page}.md`)))
      .map((page) => ({
        text: page.endsWith('index') ? 'Overview' : readHeading(join(folder, `${page}.md`)),
        link: `/${page.replace(/index$/, '')}`,
      })),
  }))
}

function readHeading(path: string): string {
  return /^# (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? path
}
