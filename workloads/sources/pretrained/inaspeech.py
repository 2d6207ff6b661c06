"""What the networks of inaSpeechSegmenter (Doukhan et al., ICASSP 2018) read: 0.7 s of sound as mel bands.

The wheel holds no sound, so a synthetic chirp stands in for one; it becomes bands as in the wheel's `features.py`.
"""

import numpy as np

FILES = {
    "inaspeech": ("keras_speech_music_noise_cnn.hdf5", 21, "speech, music and noise apart"),
    "inaspeech-music": ("keras_speech_music_cnn.hdf5", 21, "speech and music apart"),
    "inaspeech-gender": ("keras_male_female_cnn.hdf5", 24, "women's and men's voices apart"),
}
"""A network's file, how many of the mel bands it reads, and what it does."""
SWEEPS = ((100, 4000), (4000, 100), (200, 800), (1000, 7000), (300, 310), (50, 8000))
"""First and last frequency of the chirps in Hz."""
RATE = 16000
WINDOW, SHIFT, FOURIER = 400, 160, 512
FRAMES, BANDS = 68, 24


def spectrogram(sample: int, bands: int) -> np.ndarray:
    """A chirp's lowest mel bands, as logarithms of power scaled to mean 0 and deviation 1: float32 [68, bands]."""
    patch = log_mel(chirp(*SWEEPS[sample]))[:, :bands]
    return ((patch - patch.mean()) / patch.std()).astype(np.float32)


def chirp(low: float, high: float) -> np.ndarray:
    """As many samples as 68 frames need, from -0.5 to 0.5, of a frequency that changes evenly: float32."""
    time = np.arange((FRAMES - 1) * SHIFT + WINDOW) / RATE
    slope = (high - low) / (len(time) / RATE)
    return (0.5 * np.sin(2 * np.pi * (low * time + slope * time**2 / 2))).astype(np.float32)


def log_mel(sound: np.ndarray) -> np.ndarray:
    """The logarithm of each frame's power in 24 mel bands: [frames, 24]."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::SHIFT]
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = np.fft.rfft((frames - 0.97 * before) * np.hanning(WINDOW), FOURIER)
    return np.log((np.abs(spectrum) ** 2) @ _filters().T)


def _filters() -> np.ndarray:
    """Triangles of equal area, spaced evenly in mel from 100 Hz to 8 kHz: [24, frequencies]."""
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
