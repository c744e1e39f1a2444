//! The ledger as plain files, for whoever has no SQLite: the lines, the heads, and C2SP tiles.

use super::{Ledger, LedgerError, database};
use flight_record::Sha256;
use flight_record::tree::{leaf_hash, node_hash};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Hashes, or entries, in a full tile (C2SP tlog-tiles).
const TILE: usize = 256;
/// Lines read at a time.
const LINES: u32 = 1024;

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Lines of `entries.jsonl`.
    pub lines: u64,
    /// Tiles under `tile/`.
    pub tiles: u64,
}

impl Ledger {
    /// Writes `entries.jsonl`, `heads.jsonl`, `checkpoint` and `tile/…` (C2SP tlog-tiles) into a new folder. Personal
    /// data stay behind.
    ///
    /// # Errors
    /// When the folder is there already, a line is bad, or something cannot be written.
    pub fn export(&self, dir: &Path) -> Result<Exported, LedgerError> {
        self.check()?;
        let io = |source| LedgerError::Heads { doing: "cannot write", path: dir.to_owned(), source };
        fs::create_dir(dir).map_err(io)?;
        let mut entries = io::BufWriter::new(fs::File::create_new(dir.join("entries.jsonl")).map_err(io)?);
        let (mut hashes, mut tiles, mut bundle) = (Vec::new(), 0, Vec::new());
        loop {
            let lines = self.raw_lines(hashes.len() as u64, LINES)?;
            if lines.is_empty() {
                break;
            }
            for (_, line) in lines {
                entries.write_all(&line).and_then(|()| entries.write_all(b"\n")).map_err(io)?;
                hashes.push(leaf_hash(&line));
                // Each entry behind its length, 16 bits, big-endian.
                let length =
                    u16::try_from(line.len()).map_err(|_| LedgerError::Rule("a line is too long for a tile"))?;
                bundle.extend_from_slice(&length.to_be_bytes());
                bundle.extend_from_slice(&line);
                if hashes.len() % TILE == 0 {
                    tiles += write_tile(dir, "entries", hashes.len() / TILE - 1, TILE, &bundle).map_err(io)?;
                    bundle.clear();
                }
            }
        }
        let rest = hashes.len() % TILE;
        if rest > 0 {
            tiles += write_tile(dir, "entries", hashes.len() / TILE, rest, &bundle).map_err(io)?;
        }
        entries.flush().map_err(io)?;
        let lines = hashes.len() as u64;
        tiles += write_hashes(dir, hashes).map_err(io)?;
        self.export_heads(dir)?;
        Ok(Exported { lines, tiles })
    }

    fn export_heads(&self, dir: &Path) -> Result<(), LedgerError> {
        let io = |source| LedgerError::Heads { doing: "cannot write", path: dir.to_owned(), source };
        let error = || database("read", &self.path);
        let mut out = io::BufWriter::new(fs::File::create_new(dir.join("heads.jsonl")).map_err(io)?);
        let mut statement = self.connection.prepare("SELECT note FROM heads ORDER BY size").map_err(error())?;
        let mut rows = statement.query(()).map_err(error())?;
        while let Some(row) = rows.next().map_err(error())? {
            let note: String = row.get(0).map_err(error())?;
            writeln!(out, "{}", serde_json::json!({ "note": note })).map_err(io)?;
        }
        out.flush().map_err(io)?;
        self.note()?.map_or(Ok(()), |note| fs::write(dir.join("checkpoint"), note)).map_err(io)
    }
}

/// Tiles of hashes, level by level: 256 of one level make one hash of the next.
fn write_hashes(dir: &Path, mut hashes: Vec<Sha256>) -> io::Result<u64> {
    let mut tiles = 0;
    for level in 0..8 {
        for (index, tile) in hashes.chunks(TILE).enumerate() {
            let bytes: Vec<u8> = tile.iter().flat_map(|hash| hash.0).collect();
            tiles += write_tile(dir, &level.to_string(), index, tile.len(), &bytes)?;
        }
        hashes = hashes.chunks_exact(TILE).map(root_of).collect();
        if hashes.is_empty() {
            break;
        }
    }
    Ok(tiles)
}

/// The root over a full tile.
fn root_of(tile: &[Sha256]) -> Sha256 {
    let mut level = tile.to_vec();
    while level.len() > 1 {
        level = level.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    level.first().copied().unwrap_or_else(|| Sha256::of(b""))
}

/// `tile/<level>/<index>`, in groups of three digits, all but the last behind an `x`; `.p/<width>` when not full.
fn write_tile(dir: &Path, level: &str, index: usize, width: usize, bytes: &[u8]) -> io::Result<u64> {
    let mut name = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE {
        name = format!("{name}.p/{width}");
    }
    let path = dir.join("tile").join(level).join(name);
    fs::create_dir_all(path.parent().unwrap_or(dir))?;
    fs::write(path, bytes)?;
    Ok(1)
}
