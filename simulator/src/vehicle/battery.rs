//! A lithium battery by energy: what is drawn, what is left, what the terminals show.

/// A pack of `cells` in series.
#[derive(Clone, Debug)]
pub struct Battery {
    cells: u8,
    capacity_wh: f64,
    used_wh: f64,
    power_w: f64,
}

impl Battery {
    /// A pack of `capacity_wh` charged to `charge` (0..1).
    #[must_use]
    pub fn new(cells: u8, capacity_wh: f64, charge: f64) -> Self {
        Self { cells, capacity_wh, used_wh: capacity_wh * (1.0 - charge), power_w: 0.0 }
    }

    /// Draws `power_w` for `dt_s`.
    pub fn step(&mut self, dt_s: f64, power_w: f64) {
        self.power_w = power_w;
        self.used_wh = (self.used_wh + power_w * dt_s / 3600.0).min(self.capacity_wh);
    }

    /// A cell fails: no more than `charge` (0..1) is left.
    pub fn fail_to(&mut self, charge: f64) {
        self.used_wh = self.used_wh.max(self.capacity_wh * (1.0 - charge));
    }

    /// Energy left, 0..1.
    #[must_use]
    pub fn remaining(&self) -> f64 {
        1.0 - self.used_wh / self.capacity_wh
    }

    /// Energy drawn since full, watt-hours.
    #[must_use]
    pub fn used_wh(&self) -> f64 {
        self.used_wh
    }

    /// Number of cells.
    #[must_use]
    pub fn cells(&self) -> u8 {
        self.cells
    }

    /// Voltage of one cell under the present load: flat in the middle, falling at both ends, sagging with current.
    #[must_use]
    pub fn cell_v(&self) -> f64 {
        let left = self.remaining();
        let open = 3.3 + 0.55 * left + 0.35 * left.powi(8) - 0.3 * (-20.0 * left).exp();
        open - 0.0025 * self.power_w / (f64::from(self.cells) * 3.7)
    }

    /// Terminal voltage.
    #[must_use]
    pub fn voltage_v(&self) -> f64 {
        self.cell_v() * f64::from(self.cells)
    }

    /// Current drawn, amperes.
    #[must_use]
    pub fn current_a(&self) -> f64 {
        self.power_w / self.voltage_v()
    }

    /// Charge drawn since full, milliampere-hours at the nominal voltage.
    #[must_use]
    pub fn used_mah(&self) -> f64 {
        self.used_wh / (f64::from(self.cells) * 3.7) * 1000.0
    }
}
