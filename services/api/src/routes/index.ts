import type { FastifyInstance } from 'fastify'
import { createImage } from './images/create.ts'
import { deleteImage } from './images/delete.ts'
import { downloadImage } from './images/download.ts'
import { listImages } from './images/list.ts'
import { patchImage } from './images/patch.ts'
import { showImage } from './images/show.ts'
import { uploadImage } from './images/upload.ts'
import { importInfo } from './info/import.ts'
import { storesInfo } from './info/stores.ts'
import type { RouteKit } from './kit.ts'
import { imageSchema } from './schemas/image.ts'
import { imagesSchema } from './schemas/images.ts'
import { addTag } from './tags/add.ts'
import { removeTag } from './tags/remove.ts'

/** Every operation under /v2. */
const ROUTES: readonly ((app: FastifyInstance, kit: RouteKit) => void)[] = [
  listImages,
  createImage,
  showImage,
  patchImage,
  deleteImage,
  uploadImage,
  downloadImage,
  addTag,
  removeTag,
  imageSchema,
  imagesSchema,
  importInfo,
  storesInfo,
]

/** Adds them all. */
export function addRoutes(app: FastifyInstance, kit: RouteKit): void {
  for (const add of ROUTES) add(app, kit)
}
