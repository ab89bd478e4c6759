"""Numbers for test/main/scoring/quality.test.ts: python make.py writes quality.json beside it.

A recording of 50 volumes and 7 targets with a spike, one constant target and one with a NaN; motion parameters as fMRIPrep
writes them. tSNR, global signal and DVARS by numpy, framewise displacement after Power et al. (2012) by numpy, the spectrum
by scipy.signal.periodogram, the threshold of spikes as fsl_motion_outliers has it (numpy.percentile). Seed 7.
"""

import json
from pathlib import Path

import numpy
import scipy
from scipy.signal import periodogram

rng = numpy.random.default_rng(7)
n = 50
data = (1000 + 20 * rng.normal(size=(n, 7)).cumsum(0) * 0.2).astype("float32")
data[20] += 90
data[:, 3] = 5
data[10, 5] = numpy.nan
motion = numpy.c_[rng.normal(size=(n, 3)) * 0.1, rng.normal(size=(n, 3)) * 0.002].cumsum(0)
wide = data.astype("float64")
good = [0, 1, 2, 4, 6]
signal = wide[:, good].mean(1)
dvars = numpy.sqrt((numpy.diff(wide[:, good], axis=0) ** 2).mean(1))
change = numpy.abs(numpy.diff(motion, axis=0))
fd = change[:, :3].sum(1) + 50 * change[:, 3:].sum(1)
hertz, power = periodogram(signal, fs=0.5)
low, high = numpy.percentile(dvars, [25, 75])

Path(__file__).with_name("quality.json").write_text(
    json.dumps(
        dict(
            versions=dict(numpy=numpy.__version__, scipy=scipy.__version__),
            data=[[None if numpy.isnan(v) else float(v) for v in row] for row in data],
            motion=motion.tolist(),
            tsnr=(wide[:, good].mean(0) / wide[:, good].std(0)).tolist(),
            good=good,
            signal=signal.tolist(),
            dvars=dvars.tolist(),
            fd=fd.tolist(),
            hertz=hertz.tolist(),
            power=power.tolist(),
            threshold=high + 1.5 * (high - low),
        )
    )
)
