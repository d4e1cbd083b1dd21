"""Runs every fuzz target for some seconds each, one to a core; new inputs go to build/, findings are named and fail."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def fuzz(target: pathlib.Path, seconds: str) -> bool:
    name = target.name.removeprefix("fuzz_")
    found = ROOT / "build" / "fuzz" / name
    found.mkdir(parents=True, exist_ok=True)
    run = subprocess.run(
        [target.resolve(), found, ROOT / "fuzz" / "corpus" / name, f"-max_total_time={seconds}",
         "-rss_limit_mb=3072", "-timeout=10", f"-artifact_prefix={found}/", "-print_final_stats=1"],
        env={"ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1"}, capture_output=True, text=True, errors="replace")
    stats = [line.split()[-1] for line in run.stderr.splitlines() if "number_of_executed_units" in line]
    # The canary has to be found; everything else has to survive.
    good = (run.returncode != 0) == (name == "canary")
    print(f"{name}: {'ok' if good else 'FAILED'}, {stats[0] if stats else '?'} inputs", flush=True)
    if not good:
        print(run.stderr[-6000:], file=sys.stderr)
    return good


def main() -> int:
    folder, seconds = pathlib.Path(sys.argv[1]), sys.argv[2]
    targets = sorted(folder.glob("fuzz_*"))
    if not targets:
        print("no fuzz targets were built", file=sys.stderr)
        return 1
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as cores:
        good = list(cores.map(lambda target: fuzz(target, seconds), targets))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
