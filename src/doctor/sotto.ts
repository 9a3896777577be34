#!/usr/bin/env node
import { readCommandLine, type CommandLine } from './command-line.ts'
import { examine } from './doctor.ts'
import { doctorHelp, help } from './help.ts'
import { reportAsJson, reportAsText } from './report.ts'

const [command, ...args] = process.argv.slice(2)

/** See https://no-color.org: any value but the empty one. */
function hasColor(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env
  if (NO_COLOR) return false
  return Boolean(FORCE_COLOR) || process.stdout.isTTY
}

async function examineSetUp({ setUp, isJson }: CommandLine): Promise<void> {
  const diagnosis = await examine(setUp)
  process.stdout.write(
    isJson ? reportAsJson(setUp, diagnosis) : reportAsText(setUp, diagnosis, hasColor()),
  )
  if (diagnosis.findings.some(({ level }) => level === 'error')) process.exitCode = 1
}

async function doctor(): Promise<void> {
  let commandLine: CommandLine | undefined
  try {
    commandLine = readCommandLine(args)
  } catch (error) {
    // Of what parseArgs says, the second sentence is about arguments that begin with a dash.
    return refuse((error as Error).message.split('. ')[0] ?? '', 'sotto doctor')
  }
  if (commandLine) await examineSetUp(commandLine)
  else process.stdout.write(doctorHelp)
}

async function mock(): Promise<void> {
  // It reads its own command line.
  process.argv.splice(2, 1)
  await import('../testing/cli/sotto-mock.ts')
}

function refuse(message: string, where: string): void {
  process.stderr.write(`sotto: ${message}\n${where} --help says what there is.\n`)
  process.exitCode = 2
}

if (command === 'mock') await mock()
else if (command === 'doctor') await doctor()
else if (command === undefined || command === '--help' || command === '-h')
  process.stdout.write(help)
else refuse(`There is no command "${command}"`, 'sotto')
