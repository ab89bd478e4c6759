/** Weights that Heschl does not read, and what it says of them. */
import { extname } from 'node:path'
import { HeschlError } from '../errors.ts'

export const isPickle = (file: string) => ['.bin', '.pt', '.pth', '.ckpt', '.pkl'].includes(extname(file).toLowerCase())

export function pickleRefused(file: string): HeschlError {
  return new HeschlError(
    'PICKLE_REFUSED',
    'Heschl does not read pickled weights: they can run code when they are read',
    {
      expected: 'model.safetensors',
      found: file,
      where: { file },
      remedy:
        'If you trust its source, convert it in Python: ' +
        'transformers.AutoModel.from_pretrained(folder).save_pretrained(new_folder, safe_serialization=True)',
    },
  )
}
