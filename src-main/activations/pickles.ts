/** Weights that Heschl does not read, and what it says of them. */
import { open } from 'node:fs/promises'
import { extname } from 'node:path'
import { HeschlError } from '../errors.ts'

export const isPickle = (file: string) => ['.bin', '.pt', '.pth', '.ckpt', '.pkl'].includes(extname(file).toLowerCase())

/**
 * Whether what is no safetensors file is a pickle that was given that name: a zip, as `torch.save` writes, or a pickle of
 * protocol 2 to 5. Bytes 0x80 and 2 also begin a safetensors file, whose header's length has zeros after them.
 */
export async function beginsAsPickle(file: string): Promise<boolean> {
  const start = Buffer.alloc(8)
  const handle = await open(file)
  try {
    await handle.read(start, 0, start.length, 0)
  } finally {
    await handle.close()
  }
  if (start.toString('latin1', 0, 4) === 'PK\x03\x04') return true
  return start[0] === 0x80 && start[1] >= 2 && start[1] <= 5 && start.subarray(3).some((byte) => byte !== 0)
}

/** @param named false where the name says safetensors, and the bytes are a pickle's */
export function pickleRefused(file: string, named = true): HeschlError {
  return new HeschlError(
    'PICKLE_REFUSED',
    'Heschl does not read pickled weights: they can run code when they are read',
    {
      expected: 'model.safetensors',
      found: named ? file : 'a pickle under the name of a safetensors file',
      where: { file },
      remedy:
        `If you trust its source, ${named ? '' : 'name it pytorch_model.bin again and '}convert it in Python: ` +
        'transformers.AutoModel.from_pretrained(folder).save_pretrained(new_folder, safe_serialization=True)',
    },
  )
}
