//! A picture in I420: luma, then both chroma planes at half size.

/// Pixels of one picture.
#[derive(Clone, Debug)]
pub struct Canvas {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Canvas {
    /// A black picture; both sides even.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        let mut bytes = vec![128; width * height * 3 / 2];
        bytes[..width * height].fill(16);
        Self { width, height, bytes }
    }

    /// Pixels in a line.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Lines.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The luma plane, a line after the other.
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        &self.bytes[..self.width * self.height]
    }

    /// The luma plane.
    pub fn luma_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.width * self.height]
    }

    /// The chroma planes, Cb and Cr.
    pub fn chroma_mut(&mut self) -> [&mut [u8]; 2] {
        let (blue, red) = self.bytes[self.width * self.height..].split_at_mut(self.width * self.height / 4);
        [blue, red]
    }

    /// All three planes.
    pub fn planes_mut(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        let (luma, chroma) = self.bytes.split_at_mut(self.width * self.height);
        let (blue, red) = chroma.split_at_mut(self.width * self.height / 4);
        (luma, blue, red)
    }

    /// The picture as I420 has it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
