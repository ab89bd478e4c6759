/** Registers `import`. Its code is loaded when it is called. */
import type { Command } from 'commander'
import type { ImportBidsOptions } from './commands/importBids.ts'
import type { Runner } from './output.ts'

export function addImport(program: Command, run: Runner): void {
  program
    .command('import')
    .description('a study file from a data set on disk')
    .command('bids')
    .description(
      'of fMRIPrep, Narratives, Le Petit Prince or LeBel et al.: subjects, runs, TRs, onsets, confounds, audio and words',
    )
    .argument('<folder>', "the data set's, with its derivatives and stimuli")
    .option('--task <name...>', 'tasks to take (all)')
    .option('--space <name>', 'the space to take (the smallest surface that there is)')
    .option('--subject <id>', 'the one to take, where subjects have voxels of their own (LeBel; the first)')
    .option('--surface <name>', 'the template or folder that volumes are sampled on (fsaverage5)')
    .option('--out <file>', 'the study file; a report of what was not used lies beside it', 'study.yaml')
    .option('--force', 'replace a study file that is there')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', importHelp)
    .action((folder: string, options: ImportBidsOptions & { readonly json?: true }) =>
      run(options.json === true, async (output) =>
        (await import('./commands/importBids.ts')).importStudy(folder, options, output),
      ),
    )
}

const importHelp = `
Reads names and small files alone; heschl validate then looks into every file. Files whose content DataLad has not fetched
are told as such. Models are named by hand: the study file has an example.`
