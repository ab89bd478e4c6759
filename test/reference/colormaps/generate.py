"""Writes matplotlib.json: 17 rows of matplotlib's colour maps as 8-bit sRGB, for test/renderer/colormaps.

The matplotlib version is stored in the file. No seed: nothing is random. Tolerance: 1/255, because d3 wrote the same
float tables down as bytes with a rounding of its own.
"""
import json
import pathlib

import matplotlib

rows = [0, 1, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 254, 255]
maps = {
    name: [[int(round(255 * c)) for c in matplotlib.colormaps[name](row)[:3]] for row in rows]
    for name in ["viridis", "inferno", "magma", "cividis"]
}
# matplotlib's own value -> row rule, over edge cases.
values = [-1.0, 0.0, 0.001, 0.1, 0.25, 0.5, 0.999, 1.0, 2.0]
norm = matplotlib.colors.Normalize(0.0, 1.0)
viridis = matplotlib.colormaps["viridis"]
colours = [[int(round(255 * c)) for c in viridis(norm(v))[:3]] for v in values]
out = {
    "matplotlib": matplotlib.__version__,
    "rows": rows,
    "maps": maps,
    "values": values,
    "colours": colours,
}
pathlib.Path(__file__).with_name("matplotlib.json").write_text(json.dumps(out) + "\n")
