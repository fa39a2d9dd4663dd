"""How much is heard of a watermark: PESQ, the noise to mask ratio, and Wilson's interval for watermark.py."""
import numpy as np


def nmr(before, after, rate):
    """Noise to mask ratio, dB: bands of half a Bark, spread by 27 and 10 dB a Bark, masking 3 dB below, a quarter of the Bark above 12."""
    size = 2048
    window = np.hanning(size)
    places = np.arange((len(before) - size) // 1024 + 1)[:, None] * 1024 + np.arange(size)
    bark = 7 * np.arcsinh(np.arange(size // 2 + 1) * rate / size / 650)
    heard = (bark > 0.86) & (bark < 28)
    band = (bark * 2).astype(int)
    count = band[heard].max() + 1
    powers = [np.stack([np.bincount(band[heard], abs(np.fft.rfft(part * window))[heard] ** 2, count) for part in x[places]])
              for x in (before, after - before)]
    z = np.arange(count) / 2
    distance = z[:, None] - z[None]
    spread = 10 ** (np.where(distance >= 0, -10 * distance, 27 * distance) / 10)
    mask = powers[0] @ (spread / spread.sum(0)).T / 10 ** (np.where(z < 12, 3, z / 4) / 10)
    loud = powers[0].sum(1) > powers[0].sum(1).max() * 1e-4
    return round(float(10 * np.log10((powers[1] / (mask + (before**2).mean() * size * 1e-7))[loud].mean())), 2)


def pesq(before, after, rate):
    """Wide-band PESQ (PyPI `pesq`); nothing without it or where it hears nothing."""
    try:
        from pesq import pesq as score
        from scipy.signal import resample_poly
        pair = [x if rate == 16000 else resample_poly(x, 16000, rate) for x in (before, after)]
        return round(float(score(16000, pair[0].astype("f4"), pair[1].astype("f4"), "wb")), 3)
    except Exception:
        return None


def wilson(right, total):
    """The 95 % interval of a share, in per cent."""
    if not total:
        return 0, 100
    p, z = right / total, 1.96
    middle, half = p + z * z / 2 / total, z * np.sqrt(p * (1 - p) / total + z * z / 4 / total**2)
    return [100 * (middle + s * half) / (1 + z * z / total) for s in (-1, 1)]
