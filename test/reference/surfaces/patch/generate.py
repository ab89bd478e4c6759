"""A FreeSurfer patch of a cut sphere, as MRISwritePatch lays it out, and what MNE's reader makes of it.

MNE leaves out the vertices of the patch's border (negative numbers), which FreeSurfer and Heschl keep: triangles whose
corners are all inside are compared, exactly, and places of vertices inside.
"""

import json
import pathlib

import mne
import nibabel.freesurfer as fs
import numpy as np
from mne.surface import _get_ico_surface, _read_patch

HERE = pathlib.Path(__file__).parent
SEED = 11

rng = np.random.default_rng(SEED)
ico = _get_ico_surface(1)
points, faces = ico["rr"].astype("f4"), ico["tris"].astype("i4")
fs.write_geometry(HERE / "lh.sphere", points, faces, "an icosahedron, divided once")
kept = points[:, 2] > -0.4
border = np.zeros(len(points), bool)
for face in faces:
    if not kept[face].all():
        border[face] = True
vertices = rng.permutation(np.flatnonzero(kept))
flat = (rng.standard_normal((len(vertices), 3)) * 40).astype(">f4")
flat[:, 2] = 0
numbers = np.where(border[vertices], -(vertices + 1), vertices + 1)
records = b"".join(np.array([n], ">i4").tobytes() + place.tobytes() for n, place in zip(numbers, flat))
(HERE / "lh.cortex.patch.flat").write_bytes(np.array([-1, len(vertices)], ">i4").tobytes() + records)
places, triangles, _ = _read_patch(str(HERE / "lh.cortex.patch.flat"))
inside = np.flatnonzero(kept & ~border)
inside = inside[inside > 0]  # MNE takes the first vertex for one of the border, too
record = {
    "made with": f"MNE {mne.__version__}, numpy {np.__version__}, seed {SEED}",
    "vertices": int(kept.sum()),
    "inside": inside.tolist(),
    "places": places[inside].astype("f4").tolist(),
    "triangles": triangles.tolist(),
}
(HERE / "oracle.json").write_text(json.dumps(record) + "\n")
