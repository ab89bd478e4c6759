/** The commands and their options. Each command's code is loaded when it is called, so that `--help` is quick. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { addArrayCommands } from './arrayCommands.ts'
import { addBehaviourCommands } from './behaviourCommands.ts'
import { addExport } from './exportCommand.ts'
import { addImport } from './importCommand.ts'
import { addInspect, addQuality } from './inspectCommand.ts'
import { addSimulationCommands } from './simulationCommands.ts'
import type { PresetOptions } from './commands/preset.ts'
import type { PlanOptions, RunOptions } from './commands/study.ts'
import { presetNames, variants } from '../study/encodingSchema.ts'
import type { PresetName } from '../study/encodingSchema.ts'
import type { Runner } from './output.ts'
import { providerOption } from './providerOption.ts'
import { addSurfaceCommands } from './surfaceCommands.ts'

interface Json {
  readonly json?: true
}

const afterHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage or an invalid study, 130 stopped by the user.
With --json one JSON document goes to stdout; progress and notes go to stderr.
Start with: heschl demo`

export function createProgram(version: string, run: Runner): Command {
  const program = new Command('heschl')
    .description('Compares what speech models learn, under different training regimes, with what the brain does.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', afterHelp)
  const add = (name: string, description: string) =>
    program.command(name).description(description).option('--json', 'one JSON document on stdout')

  add('doctor', 'what this installation has, and whether the main job can run').action((options: Json) =>
    run(options.json === true, async (output) => (await import('./commands/doctor.ts')).doctor(output)),
  )
  add('demo', 'make the built-in study, run it, write its figures and open it')
    .option('--out <folder>', 'where the study is made', 'heschl-demo')
    .option('--no-open', 'stop after the run')
    .action((options: Json & { readonly out: string; readonly open: boolean }) =>
      run(options.json === true, async (output) => (await import('./commands/demo.ts')).demo(options, output)),
    )
  add('open', 'the window: in Electron, or in a browser')
    .argument('[study]', 'a study.yaml')
    .action((study: string | undefined, options: Json) =>
      run(options.json === true, async (output) => (await import('./commands/window.ts')).open(study, output)),
    )
  add('serve', 'the window in a browser on this machine')
    .argument('[study]', 'a study.yaml')
    .addOption(new Option('--port <number>', 'the port to listen on (any free one)').argParser(port))
    .option('--no-open', 'print the address, open no browser')
    .action((study: string | undefined, options: Json & { readonly port?: number; readonly open: boolean }) =>
      run(options.json === true, async (output) =>
        (await import('./commands/window.ts')).serve(study, options, output),
      ),
    )
  add('validate', 'every problem of a study file and of the files it names')
    .argument('<study>', 'a study.yaml')
    .action((study: string, options: Json) =>
      run(options.json === true, async (output) => (await import('./commands/study.ts')).validate(study, output)),
    )
  add('plan', 'the steps of a study: what is cached, and the time, memory and disk of the rest')
    .argument('<study>', 'a study.yaml')
    .option('--methods', 'the encoding model as a methods paragraph, in place of the plan')
    .addOption(providerOption())
    .action((study: string, options: Json & PlanOptions) =>
      run(options.json === true, async (output) => (await import('./commands/study.ts')).plan(study, options, output)),
    )
  add('run', 'run what is missing of a study; resumes after an interruption')
    .argument('<study>', 'a study.yaml')
    .option('--scores <file>', 'also write all scores: tab-separated values, or Parquet where it ends in .parquet')
    .addOption(providerOption())
    .action((study: string, options: Json & RunOptions) =>
      run(options.json === true, async (output) => (await import('./commands/study.ts')).run(study, options, output)),
    )
  add('preset', 'encoding models of published work: every option, where it is from, and the methods in words')
    .addArgument(new Argument('[name]', 'without it, the list').choices(presetNames))
    .addOption(
      new Option('--variant <name>', 'where released code has a slip: as it is, or as it was most likely meant')
        .choices(variants)
        .default('as-published'),
    )
    .option('--yaml', 'as part of a study file')
    .option('--methods', 'as a methods paragraph')
    .action((name: PresetName | undefined, options: Json & PresetOptions) =>
      run(options.json === true, async (output) =>
        (await import('./commands/preset.ts')).preset(name, options, output),
      ),
    )
  addImport(program, run)
  addExport(add, run)
  addInspect(add, run)
  addQuality(add, run)
  add('verify', 'whether a study still gives a figure that export wrote')
    .argument('<figure>', 'its SVG, PDF or PNG file')
    .option('--study <file>', 'the study.yaml, where it is not where it was')
    .addHelpText(
      'after',
      '\nExit codes: 0 the same scores, tables and drawing; 1 something differs, or cannot be compared.',
    )
    .action((figure: string, options: Json & { readonly study?: string }) =>
      run(options.json === true, async (output) =>
        (await import('./commands/verify.ts')).verify(figure, options, output),
      ),
    )
  addArrayCommands(add, run)
  addBehaviourCommands(add, run)
  addSimulationCommands(add, run)
  addSurfaceCommands(program, add, run)
  return program
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('A port is a whole number up to 65535.')
  return value
}
