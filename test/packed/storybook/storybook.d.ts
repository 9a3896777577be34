/** What the test uses of it: it is installed beside the packed package only. */
declare module '@storybook/react' {
  interface Story {
    run(context?: { readonly canvasElement: HTMLElement }): Promise<void>
  }
  export function setProjectAnnotations(annotations: object): void
  export function composeStories<Stories extends object>(
    stories: Stories,
  ): { readonly [Name in Exclude<keyof Stories, 'default'>]: Story }
}
