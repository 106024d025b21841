//! The machine that figures come from.

use std::fs;
use std::thread::available_parallelism;

/// What the processor has that this kind of work is faster with, by Linux's names.
const ABILITIES: [&str; 4] = ["pclmulqdq", "vpclmulqdq", "sha_ni", "avx512f"];

/// One line: processor, cores, memory, kernel.
pub(crate) fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (processor, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let kernel = read("/proc/sys/kernel/osrelease");
    let cores = available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{}; {cores} cores; {}; {} {} {}",
        processor_of(&processor),
        memory_of(&memory),
        std::env::consts::OS,
        kernel.trim(),
        std::env::consts::ARCH
    )
}

/// Its model, and which of [`ABILITIES`] it has.
fn processor_of(cpuinfo: &str) -> String {
    let model = field(cpuinfo, "model name").unwrap_or("processor of unknown model");
    let flags: Vec<&str> = field(cpuinfo, "flags").unwrap_or_default().split(' ').collect();
    let able: Vec<&str> = ABILITIES
        .into_iter()
        .filter(|ability| flags.contains(ability))
        .collect();
    if able.is_empty() {
        model.to_owned()
    } else {
        format!("{model} ({})", able.join(", "))
    }
}

fn memory_of(meminfo: &str) -> String {
    let total =
        field(meminfo, "MemTotal").and_then(|total| total.strip_suffix(" kB")?.trim().parse::<u64>().ok());
    total.map_or_else(
        || "memory of unknown size".to_owned(),
        |kib| format!("{} GiB of memory", (kib + (1 << 19)) >> 20),
    )
}

/// The value behind a name and a colon.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let values = text.lines().filter_map(|line| line.split_once(':'));
    values
        .filter(|(found, _)| found.trim() == name)
        .map(|(_, value)| value.trim())
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_put_in_a_few_words() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2.6GHz\nflags\t\t: fpu pclmulqdq sha_ni\n\nprocessor\t: 1\n";
        assert_eq!(processor_of(cpuinfo), "Some CPU @ 2.6GHz (pclmulqdq, sha_ni)");
        assert_eq!(
            processor_of("processor : 0\n"),
            "processor of unknown model",
            "as on ARM"
        );
        assert_eq!(
            memory_of("MemTotal:       24607104 kB\nMemFree: 1 kB\n"),
            "23 GiB of memory"
        );
        assert_eq!(memory_of(""), "memory of unknown size");
    }
}
