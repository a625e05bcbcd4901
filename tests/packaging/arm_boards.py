"""Boards with 64 bit ARM processors as a program sees them, for qemu's emulation of programs.

It emulates the processor alone: what Linux tells of processors in /proc and /sys would be the host's, and ONNX
Runtime's cpuinfo ends the process where a processor that tells nothing of ARM has a level 2 cache of its own.
"""
import dataclasses

CORES = 4
FEATURES = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"


@dataclasses.dataclass(frozen=True)
class Board:
    name: str
    processor: str  # As qemu calls it.
    part: int  # ARM's number of the processor, in MIDR_EL1.
    features: str = FEATURES
    level2: tuple[str, str] = ("512K", f"0-{CORES - 1}")  # Its size, and the cores that share that of core 0.
    tells_of_processors: bool = True

    def emulator(self, folder):
        """The command that runs a program as on this board, which is laid out in the folder."""
        write_system_files(folder, self)
        return ("qemu-aarch64", "-cpu", self.processor, "-L", str(folder))


# The oldest processor promised: Raspberry Pi 3, RTD1296. Its cores share their level 2 cache.
CORTEX_A53 = Board("cortex-a53", "cortex-a53", 0xd03)
# All that qemu knows, SVE2, BF16 and I8MM among it: told as Neoverse V2, whose cores have caches of their own.
NEWEST = Board("newest", "max", 0xd4f, f"{FEATURES} atomics fphp asimdhp sve sve2 svei8mm svebf16 i8mm bf16",
               ("2048K", "0"))
# A container that hides /sys.
HIDDEN = Board("hidden", "cortex-a53", 0xd03, tells_of_processors=False)


def proc_cpuinfo(board):
    return "".join(f"processor\t: {core}\nBogoMIPS\t: 38.40\nFeatures\t: {board.features}\nCPU implementer\t: 0x41\n"
                   f"CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: {board.part:#05x}\nCPU revision\t: 4\n\n"
                   for core in range(CORES))


def write_system_files(folder, board):
    """What a program opens of /proc and /sys; qemu takes the host's of the rest."""
    everyone = f"0-{CORES - 1}"
    shown = everyone if board.tells_of_processors else ""
    files = {"proc/cpuinfo": proc_cpuinfo(board)}
    processors = "sys/devices/system/cpu"
    files |= {f"{processors}/{name}": f"{shown}\n" for name in ("possible", "present", "online")}
    files[f"{processors}/kernel_max"] = "255\n"
    for core in range(CORES if board.tells_of_processors else 0):
        size, shared = board.level2
        of_core = {"topology/physical_package_id": "0", "topology/core_id": str(core),
                   "topology/core_siblings_list": everyone, "topology/cluster_cpus_list": everyone,
                   "topology/package_cpus_list": everyone, "topology/core_cpus_list": str(core),
                   "topology/thread_siblings_list": str(core),
                   "cpufreq/cpuinfo_min_freq": "600000", "cpufreq/cpuinfo_max_freq": "1200000",
                   "cache/index2/level": "2", "cache/index2/size": size,
                   "cache/index2/shared_cpu_list": everyone if shared == everyone else str(core)}
        files |= {f"{processors}/cpu{core}/{name}": f"{text}\n" for name, text in of_core.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
