//! What a plan and a flight are held against: zones, permissions, terrain.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use jiff::Timestamp;
use mission_profiles::authorisation::Authorisation;
use mission_profiles::place::{Position, Terrain};
use mission_profiles::plan_files::Plan;
use mission_profiles::zones::{Dataset, Span, Surroundings};

use super::files;
use crate::tasks::meter::Meter;

/// How well a plan's own height of its take-off is known, metres: it was read off a map.
pub(crate) const HOME_ERROR_M: f64 = 5.0;

/// Where the rules are.
#[derive(Args)]
#[group(id = "rules")]
pub(crate) struct Rules {
    /// The station's folder of datasets; without it the UK set that comes with the program: illustrative.
    #[arg(long, value_name = "DIR")]
    zones: Option<PathBuf>,
    /// A permission, as JSON. May be given more than once.
    #[arg(long, value_name = "FILE")]
    authorisation: Vec<PathBuf>,
    /// Folder of the store whose register of permissions counts too, and whose flight log has the pilot's hours.
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    /// A folder of SRTM tiles (.hgt) and GeoTIFF (.tif).
    #[arg(long, value_name = "DIR")]
    terrain: Option<PathBuf>,
    /// Pressure at sea level, hPa.
    #[arg(long, value_name = "HPA")]
    qnh: Option<f64>,
}

/// The rules, read.
pub(crate) struct Loaded {
    pub(crate) datasets: Vec<Dataset>,
    pub(crate) authorisations: Vec<Authorisation>,
    pub(crate) terrain: Option<Terrain>,
    pub(crate) qnh_hpa: Option<f64>,
}

impl Rules {
    /// Reads them.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub(crate) fn load(&self) -> Result<Loaded> {
        let read =
            |path: &PathBuf| Authorisation::read(&files::bytes(path)?).with_context(|| path.display().to_string());
        let mut authorisations = self.authorisation.iter().map(read).collect::<Result<Vec<_>>>()?;
        if let Some(store) = &self.register {
            authorisations.extend(crate::auth::held(store, &[])?.into_iter().map(|held| held.authorisation));
        }
        Ok(Loaded {
            datasets: crate::zones::datasets(self.zones.as_deref())?,
            authorisations,
            terrain: self.terrain.as_deref().map(|dir| files::terrain(dir, &Meter::unwatched())).transpose()?,
            qnh_hpa: self.qnh,
        })
    }

    /// The pilot's hours of late, where a flight log is at hand that has any.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(super) fn logged_h(&self, pilot: &str, now: Timestamp) -> Result<Option<f64>> {
        Ok(self.register.as_deref().map(|store| crate::log::recent_h(store, pilot, now)).transpose()?.flatten())
    }
}

impl Loaded {
    /// As [`Rules::load`] reads them, for a station; what is read counts.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn of(
        zones: Option<&Path>,
        register: Option<&Path>,
        terrain: Option<&Path>,
        meter: &Meter<'_>,
    ) -> Result<Self> {
        meter.of(zones.map_or(0, |dir| 2 * crate::zones::length(dir)) + terrain.map_or(0, files::terrain_bytes));
        let held = register.map_or_else(|| Ok(Vec::new()), |store| crate::auth::held(store, &[]))?;
        Ok(Self {
            datasets: match zones {
                // A station that has imported nothing yet has no folder.
                Some(dir) if !dir.exists() => Vec::new(),
                dir => crate::zones::datasets_watched(dir, meter)?,
            },
            authorisations: held.into_iter().map(|held| held.authorisation).collect(),
            terrain: terrain.map(|dir| files::terrain(dir, meter)).transpose()?,
            qnh_hpa: None,
        })
    }

    /// The ground and the air about a take-off, as high as the terrain says, else as the plan does.
    ///
    /// # Errors
    /// When nobody knows how high it is.
    pub(crate) fn surroundings(&self, home: Position, plan: &Plan) -> Result<Surroundings<'_>> {
        let modelled_m = self.terrain.as_ref().and_then(|terrain| terrain.height_m(home));
        let home_m = modelled_m.or(plan.planned_home.map(|[.., height_m]| height_m)).context(
            "nobody knows how high the take-off is: load its terrain tile, or save the plan with its planned home position",
        )?;
        Ok(Surroundings {
            home,
            home_amsl: Span { low_m: home_m - HOME_ERROR_M, high_m: home_m + HOME_ERROR_M },
            terrain: self.terrain.as_ref(),
            qnh_hpa: self.qnh_hpa,
            geoid_m: None,
        })
    }
}

/// A plan's bytes, and what they say.
pub(crate) fn plan(path: &Path) -> Result<(Vec<u8>, Plan)> {
    let bytes = files::bytes(path)?;
    Ok((bytes.clone(), files::plan_of(path, &bytes)?))
}

/// A profile that comes with the program, by its name, or a file.
pub(crate) use files::profile;
