"""Keys of results in words, for axes, tables and pages."""


def label(key: str) -> str:
    """The words for a key, with its unit: `energy_uj` is `energy (µJ)`."""
    name, _, unit = key.rpartition("_")
    if key in WHOLE:
        return WHOLE[key]
    known = bool(name) and unit in UNITS
    words = " ".join(WORDS.get(word, word) for word in (name if known else key).split("_"))
    return f"{words} ({UNITS[unit]})" if known else words


UNITS = {
    "us": "µs", "s": "s", "pj": "pJ", "nj": "nJ", "uj": "µJ", "mw": "mW", "w": "W", "mm2": "mm²", "um2": "µm²",
    "mhz": "MHz", "nm": "nm", "bits": "bits", "bytes": "bytes", "percent": "%",
    "thousand": "thousands",
}  # fmt: skip
WORDS = {
    "dram": "DRAM", "sram": "SRAM", "spmat": "sparse-matrix SRAM", "pe": "PE", "pes": "PEs", "dsp": "DSP",
    "dcnn": "DCNN", "iaram": "IARAM", "oaram": "OARAM", "ppu": "PPU", "lnzd": "LNZD", "io": "I/O", "edp": "EDP",
}  # fmt: skip
WHOLE = {
    "edp_uj_us": "energy x time (µJ µs)",
    "frames_per_s": "frames/s",
    "frames_per_j": "frames/J",
    "gops": "GOP/s",
    "gops_dense_equivalent": "GOP/s, as if dense",
    "speedup": "speed-up",
    "output_sqnr_db": "SQNR dB",
    "energy_gain_of_dcnn_opt_over_dcnn": "energy gain of DCNN-opt over DCNN",
    "energy_over_dcnn_opt": "energy over DCNN-opt",
}


def part_name(event: str) -> str:
    """What the bytes of an event are of: `dram_weight_bytes` -> `weights`."""
    name = event.removeprefix("dram_").removesuffix("_bytes").replace("_", " ")
    return name if name.endswith("a") else f"{name}s"
