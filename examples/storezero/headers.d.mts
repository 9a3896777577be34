export const HEADERS: Readonly<Record<string, string>>
