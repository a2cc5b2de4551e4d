import type { PolicyRule } from '../rule.ts'
import { BASE_RULES } from './base.ts'
import { CACHE_RULES } from './cache.ts'
import { DATA_RULES, IMAGE_RULES } from './image.ts'
import { LOCATION_RULES } from './location.ts'
import { MEMBER_RULES } from './member.ts'
import { METADEF_RULES } from './metadef.ts'
import { TASK_RULES } from './task.ts'

/** Every default rule (Images v2: policy defaults). */
export const DEFAULT_RULES: readonly PolicyRule[] = [
  ...BASE_RULES,
  ...IMAGE_RULES,
  ...DATA_RULES,
  ...LOCATION_RULES,
  ...MEMBER_RULES,
  ...TASK_RULES,
  ...CACHE_RULES,
  ...METADEF_RULES,
]
