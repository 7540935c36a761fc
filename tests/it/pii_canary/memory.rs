//! The memory of a process, as whoever dumps it sees it.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
};

use super::detector::Detector;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 20;

/// Longer than any form of a word, so that none is lost between two chunks.
const OVERLAP: usize = 512;

/// What a search came to.
pub struct Search {
    /// Bytes that are not zero, by chunks.
    pub bytes: usize,
    /// What was found, with its surroundings.
    pub hits: Vec<String>,
}

/// Searches all that the process can write to: heap, stacks, static data.
pub fn search(pid: u32, detector: &Detector) -> Search {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("the process lives");
    let memory = File::open(format!("/proc/{pid}/mem")).expect("a child's memory can be read");
    let mut found = Search { bytes: 0, hits: Vec::new() };
    for line in maps.lines() {
        let mut parts = line.split_whitespace();
        let (range, access, name) = (parts.next().unwrap(), parts.next().unwrap(), parts.nth(3).unwrap_or("anonymous"));
        if access.contains('w') {
            let (from, to) = range.split_once('-').unwrap();
            let at = |text| u64::from_str_radix(text, 16).unwrap();
            found.search_range(&memory, at(from), at(to), name, detector);
        }
    }
    found
}

impl Search {
    fn search_range(&mut self, memory: &File, from: u64, to: u64, name: &str, detector: &Detector) {
        let zeros = vec![0; CHUNK + OVERLAP];
        let mut chunk = zeros.clone();
        for start in (from..to).step_by(CHUNK) {
            let length = usize::try_from(to - start).unwrap().min(CHUNK + OVERLAP);
            // A map may be gone by now.
            if memory.read_exact_at(&mut chunk[..length], start).is_err() || chunk[..length] == zeros[..length] {
                continue;
            }
            self.bytes += length;
            // What begins in the overlap is found in the next chunk.
            for hit in detector.places(&chunk[..length]).into_iter().filter(|hit| hit.start < CHUNK) {
                let around = &chunk[hit.start.saturating_sub(160)..length.min(hit.end + 100)];
                self.hits.push(format!("{name} {:x}: …{}…", start + hit.start as u64, around.escape_ascii()));
            }
        }
    }
}
