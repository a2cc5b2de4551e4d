import { driverSuite } from '../testing/suite.ts'
import type { Traits } from '../testing/under-test.ts'
import { underTest } from './testing/scratch.ts'

const TRAITS: Traits = { can: ['write', 'range', 'list'], lends: true, localFiles: true, plantsResidue: true }

driverSuite('file store', TRAITS, () => underTest(['images'], () => ({})))

driverSuite('file store without fsync', TRAITS, () => underTest(['images'], () => ({ filesystem_store_fsync: false })))

driverSuite('thin file store', TRAITS, () => underTest(['images'], () => ({ filesystem_thin_provisioning: true })))

driverSuite('file store of several directories, with a timeout', TRAITS, () =>
  underTest(['small', 'large disk', 'ünïcode%20'], (dirs) => ({
    filesystem_store_datadir: '',
    filesystem_store_datadirs: dirs.map((dir) => `${dir}:100`),
    filesystem_store_timeout: 30,
  })),
)
