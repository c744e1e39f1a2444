//! What lies under our own vectors: the coastline that is always there, and a raster map where a file of one is given.

pub(crate) mod land;
pub(crate) mod mbtiles;
pub(crate) mod tiles;
