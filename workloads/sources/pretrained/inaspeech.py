"""Input of the networks of inaSpeechSegmenter (Doukhan et al., ICASSP 2018): 0.7 s of sound as mel bands.

The wheel holds no sound, so a synthetic chirp is used; it is turned into bands as in the wheel's `features.py`.
"""

import numpy as np

FILES = {
    "inaspeech": ("keras_speech_music_noise_cnn.hdf5", 21, "speech, music and noise"),
    "inaspeech-music": ("keras_speech_music_cnn.hdf5", 21, "speech and music"),
    "inaspeech-gender": ("keras_male_female_cnn.hdf5", 24, "women's and men's voices"),
}
"""A network's file, how many of the mel bands it reads, and the classes that it distinguishes."""
CHIRPS = ((100, 4000), (4000, 100), (200, 800), (1000, 7000), (300, 310), (50, 8000))
"""First and last frequency of the chirps, the samples, in Hz."""
RATE = 16000
"""Sound samples in a second."""
WINDOW, SHIFT, FOURIER = 400, 160, 512
"""Length of a frame, distance of frames, and length of the Fourier transform, in sound samples."""
FRAMES, BANDS = 68, 24


def spectrogram(sample: int, bands: int) -> np.ndarray:
    """Return a chirp's logarithmic power in its lowest mel bands, of mean 0 and deviation 1: float32 [68, bands]."""
    patch = log_mel(chirp(*CHIRPS[sample]))[:, :bands]
    return ((patch - patch.mean()) / patch.std()).astype(np.float32)


def chirp(low: float, high: float, samples: int = (FRAMES - 1) * SHIFT + WINDOW) -> np.ndarray:
    """Return a sound whose frequency changes evenly from `low` to `high` Hz: float32 [samples], from -0.5 to 0.5."""
    time = np.arange(samples) / RATE
    slope = (high - low) / (len(time) / RATE)
    return (0.5 * np.sin(2 * np.pi * (low * time + slope * time**2 / 2))).astype(np.float32)


def log_mel(sound: np.ndarray) -> np.ndarray:
    """Return the logarithm of each frame's power in 24 mel bands, float64 [frames, 24]; sound: float32 [samples]."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::SHIFT]
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = np.fft.rfft((frames - 0.97 * before) * np.hanning(WINDOW), FOURIER)
    return np.log((np.abs(spectrum) ** 2) @ _filters().T)


def _filters() -> np.ndarray:
    """Triangular filters of equal area, evenly spaced in mel from 100 Hz to 8 kHz: float64 [24, frequencies]."""
    lowest, highest = (2595 * np.log10(1 + frequency / 700) for frequency in (100, RATE / 2))
    mel = np.linspace(lowest, highest, BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    index = np.arange(FOURIER // 2 + 1)
    hertz = index * RATE / FOURIER
    low, middle, high = (edge[:, None] for edge in (edges[:-2], edges[1:-1], edges[2:]))
    first, top, last = (np.floor(edge * FOURIER / RATE) for edge in (low, middle, high))
    rising = np.where((index > first) & (index <= top), (hertz - low) / (middle - low), 0)
    falling = np.where((index > top) & (index < last), (high - hertz) / (high - middle), 0)
    return 2 / (high - low) * (rising + falling)
