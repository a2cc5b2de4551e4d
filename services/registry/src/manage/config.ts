import { describeFault } from '@glance/shared/config/fault'
import { checkConfig, sampleConfig } from '@glance/shared/config/sample'
import type { Command } from 'commander'
import type { ManageScope } from './scope.ts'

/** Adds the verbs that look after the configuration. */
export function configCommands(program: Command, scope: ManageScope): void {
  program
    .command('config-check')
    .description('Reads the configuration as a service would and lists every fault; exit code 1 when there is one.')
    .action(() => {
      const { faults, warnings, notes } = checkConfig(scope)
      for (const fault of faults) scope.print(`fault: ${describeFault(fault)}`)
      for (const warning of warnings) scope.print(`warning: ${warning}`)
      for (const note of notes) scope.print(`note: ${note}`)
      if (faults.length === 0) scope.print('The configuration is good.')
      scope.exitCode = faults.length === 0 ? 0 : 1
    })
  program
    .command('config-sample')
    .description('Prints a configuration file with every option and its default.')
    .action(() => scope.print(sampleConfig()))
}
