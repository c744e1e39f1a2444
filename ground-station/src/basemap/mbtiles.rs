//! MBTiles 1.3: raster tiles in an SQLite file.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::tiles::TileId;

/// Largest tile read, bytes.
const MAX_BYTES: usize = 4 << 20;
/// Largest side of a tile, pixels.
const MAX_SIDE: u32 = 1_024;
/// Deepest zoom.
const MAX_ZOOM: u8 = 24;

/// A picture: red, green, blue, opacity of each pixel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: Vec<u8>,
}

/// Why a file gives no tiles.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TileError {
    /// It cannot be read.
    #[error("{path}: cannot be read as MBTiles ({why}): choose a raster map in this format")]
    File { path: PathBuf, why: String },
    /// Its tiles are of a kind that is not known.
    #[error("{path}: its tiles are {format}: PNG and JPEG can be shown; export the map with one of them")]
    Format { path: PathBuf, format: String },
    /// A tile is damaged.
    #[error("tile {}/{}/{}: {why}", id.0, id.1, id.2)]
    Tile { id: TileId, why: String },
}

impl TileError {
    pub(super) fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> Self {
        Self::File { path: path.into(), why: why.to_string() }
    }
}

/// An open file.
pub(crate) struct MbTiles {
    connection: Connection,
    zooms: (u8, u8),
}

impl MbTiles {
    /// Opens a file, and reads what it says of itself.
    ///
    /// # Errors
    /// When it is none, or its tiles are no pictures that can be read.
    pub(crate) fn open(path: &Path) -> Result<Self, TileError> {
        let wrong = |error: rusqlite::Error| TileError::unreadable(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(wrong)?;
        let query = "SELECT value FROM metadata WHERE name = 'format'";
        let format = connection.query_row(query, [], |row| row.get::<_, String>(0)).optional().map_err(wrong)?;
        let format = format.unwrap_or_default().to_ascii_lowercase();
        if !matches!(format.as_str(), "png" | "jpg" | "jpeg") {
            let format = if format.is_empty() { "of an unnamed kind".into() } else { format };
            return Err(TileError::Format { path: path.into(), format });
        }
        // Two questions: SQLite answers each from the index at once, and both together by reading all of it.
        let query = "SELECT (SELECT min(zoom_level) FROM tiles), (SELECT max(zoom_level) FROM tiles)";
        let zooms = connection
            .query_row(query, [], |row| Ok((row.get::<_, Option<u8>>(0)?, row.get::<_, Option<u8>>(1)?)))
            .map_err(wrong)?;
        let (Some(low), Some(high)) = zooms else {
            return Err(TileError::unreadable(path, &"it holds no tile"));
        };
        Ok(Self { connection, zooms: (low.min(MAX_ZOOM), high.min(MAX_ZOOM)) })
    }

    /// The smallest and the largest zoom it has.
    pub(crate) fn zooms(&self) -> (u8, u8) {
        self.zooms
    }

    /// A tile; nothing where the map has none.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn tile(&self, id: TileId) -> Result<Option<Pixels>, TileError> {
        let (zoom, column, row) = id;
        let wrong = |why: String| TileError::Tile { id, why };
        // Rows are counted from the south (TMS).
        let rows = 1_u32.checked_shl(u32::from(zoom)).filter(|_| zoom <= MAX_ZOOM);
        let Some(row) = rows.and_then(|rows| (rows - 1).checked_sub(row)) else { return Ok(None) };
        let query = "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3";
        let bytes = self.connection.query_row(query, (zoom, column, row), |row| row.get::<_, Vec<u8>>(0));
        let Some(bytes) = bytes.optional().map_err(|error| wrong(error.to_string()))? else { return Ok(None) };
        if bytes.len() > MAX_BYTES {
            return Err(wrong(format!("longer than {} MiB", MAX_BYTES >> 20)));
        }
        decode(&bytes).map(Some).map_err(wrong)
    }
}

fn decode(bytes: &[u8]) -> Result<Pixels, String> {
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| error.to_string())?.into_rgba8();
    let side = |side: u32| usize::try_from(side).unwrap_or_default();
    Ok(Pixels { width: side(picture.width()), height: side(picture.height()), rgba: picture.into_raw() })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[255, 0, 0, 0, 0, 255]).unwrap();
        writer.finish().unwrap();
        bytes
    }

    pub(crate) fn file(dir: &Path, format: &str, tile: &[u8]) -> PathBuf {
        let path = dir.join("map.mbtiles");
        let _ = std::fs::remove_file(&path);
        let made = Connection::open(&path).unwrap();
        made.execute_batch("CREATE TABLE metadata (name text, value text); CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);").unwrap();
        made.execute("INSERT INTO metadata VALUES ('format', ?1)", [format]).unwrap();
        made.execute("INSERT INTO tiles VALUES (3, 4, 5, ?1)", [tile]).unwrap();
        path
    }

    #[test]
    fn a_tile_is_read_by_its_row_from_the_north() {
        let dir = tempfile::tempdir().unwrap();
        let map = MbTiles::open(&file(dir.path(), "png", &png())).unwrap();
        assert_eq!(map.zooms(), (3, 3));
        let tile = map.tile((3, 4, 2)).unwrap().unwrap();
        assert_eq!((tile.width, tile.height, tile.rgba), (2, 1, vec![255, 0, 0, 255, 0, 0, 255, 255]));
        assert_eq!(map.tile((3, 4, 5)).unwrap(), None);
        assert_eq!(map.tile((3, 4, 9)).unwrap(), None, "there is no such row");
    }

    #[test]
    fn what_cannot_be_shown_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let webp = MbTiles::open(&file(dir.path(), "webp", b"")).err().unwrap().to_string();
        assert!(webp.contains("its tiles are webp: PNG and JPEG can be shown"), "{webp}");
        let damaged = MbTiles::open(&file(dir.path(), "png", &png()[..40])).unwrap();
        let said = damaged.tile((3, 4, 2)).unwrap_err().to_string();
        assert!(said.starts_with("tile 3/4/2: "), "{said}");
        let text = dir.path().join("text");
        std::fs::write(&text, "no map at all").unwrap();
        assert!(MbTiles::open(&text).err().unwrap().to_string().contains("cannot be read as MBTiles"));
    }
}
