// The recipe for Storybook in docs/testing.md, rendered by Storybook itself.
import { composeStories, setProjectAnnotations } from '@storybook/react'
import { expect, test } from 'vitest'
import * as preview from './storybook/preview.tsx'
import * as stories from './storybook/Greeting.stories.tsx'

setProjectAnnotations(preview)
const { SignedIn, SignedOut } = composeStories(stories)

test.each([
  ['the preview', SignedIn, 'Hello Alice'],
  ['its own decorator', SignedOut, 'Log in'],
])('a story has the session of %s', async (_, story, text) => {
  await story.run()
  expect(document.body.textContent).toContain(text)
})
