//! Every colour of the picture in both themes. The page's style sheet carries the same tokens; that
//! they can be told apart and read is held by the tests below.
//!
//! Five rules: yellow means the next action and nothing else; ink says structure and truth; hue
//! says which partition (or which consumer, never both); form says role and pattern says trouble;
//! red means dead or lost and never comes without a cross or a hatch.

use super::options::Theme;

/// An opaque colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Color(pub u32);

impl Color {
    /// As `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:06x}", self.0)
    }

    /// `percent` of this colour over `ground`.
    pub fn over(self, ground: Self, percent: u32) -> Self {
        let percent = percent.min(100);
        let channel = |shift: u32| {
            let (top, below) = (self.0 >> shift & 255, ground.0 >> shift & 255);
            ((top * percent + below * (100 - percent) + 50) / 100) << shift
        };
        Self(channel(16) | channel(8) | channel(0))
    }
}

/// A hue that tells one partition or consumer from another, and the colour of words on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Fill and outline.
    pub hue: Color,
    /// Text on the fill.
    pub label: Color,
}

/// The tokens of one theme.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Palette {
    /// Ground of the picture.
    pub desk: Color,
    /// Panels.
    pub paper: Color,
    /// Broker rows, cards.
    pub row: Color,
    /// Disabled fill.
    pub sunk: Color,
    /// Dividers and blank tape; decoration only.
    pub line: Color,
    /// Borders of controls, ticks that matter.
    pub edge: Color,
    /// Text, watermark, rings.
    pub ink: Color,
    /// Second text.
    pub ink2: Color,
    /// Offline cells, labels of what is off.
    pub ink3: Color,
    /// Text on ink.
    pub on_ink: Color,
    /// The next action.
    pub act: Color,
    /// Text and edge on `act`.
    pub on_act: Color,
    /// Dead or lost.
    pub red: Color,
    /// p0 to p5, then the neutral p6.
    identities: [Identity; 7],
}

const fn identity(hue: u32, label: u32) -> Identity {
    Identity { hue: Color(hue), label: Color(label) }
}

const WHITE: u32 = 0xFFFFFF;
const DARK_INK: u32 = 0x17191C;
const NIGHT: u32 = 0x0D1013;

/// The light theme.
pub const LIGHT: Palette = Palette {
    desk: Color(0xEFEDE7),
    paper: Color(0xFBFAF7),
    row: Color(WHITE),
    sunk: Color(0xE6E3DB),
    line: Color(0xD8D4CA),
    edge: Color(0x7F7B72),
    ink: Color(DARK_INK),
    ink2: Color(0x474B51),
    ink3: Color(0x62666C),
    on_ink: Color(WHITE),
    act: Color(0xFFC21A),
    on_act: Color(DARK_INK),
    red: Color(0xC4161C),
    identities: [
        identity(0x0B4A8F, WHITE),
        identity(0x168272, WHITE),
        identity(0xC264B3, DARK_INK),
        identity(0x5E2A0C, WHITE),
        identity(0x8A8B48, DARK_INK),
        identity(0x7650C8, WHITE),
        identity(0x5A5F66, WHITE),
    ],
};

/// The dark theme.
pub const DARK: Palette = Palette {
    desk: Color(NIGHT),
    paper: Color(0x14181C),
    row: Color(0x1B2026),
    sunk: Color(0x090B0D),
    line: Color(0x2E353D),
    edge: Color(0x7A8490),
    ink: Color(0xECEAE4),
    ink2: Color(0xB6BBC1),
    ink3: Color(0x939BA4),
    on_ink: Color(NIGHT),
    act: Color(0xFFC933),
    on_act: Color(NIGHT),
    red: Color(0xFF6B5E),
    identities: [
        identity(0x6EA6F0, NIGHT),
        identity(0x4FDAD0, NIGHT),
        identity(0xC586BE, NIGHT),
        identity(0xA8652F, WHITE),
        identity(0xD3E6A8, NIGHT),
        identity(0x7453D9, WHITE),
        identity(0xA3ABB4, NIGHT),
    ],
};

impl Palette {
    /// The tokens of `theme`.
    pub const fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        }
    }

    /// The identity of the `index`-th partition or consumer: neutral beyond the sixth, never a
    /// seventh hue.
    pub const fn identity(&self, index: usize) -> Identity {
        if index < 6 { self.identities[index] } else { self.identities[6] }
    }

    /// The identity of nobody in particular.
    pub const fn neutral(&self) -> Identity {
        self.identities[6]
    }

    /// What an uncommitted record's cell is filled with.
    pub fn tint(&self, identity: Identity) -> Color {
        identity.hue.over(self.row, 18)
    }

    /// What a changed value is shaded with.
    pub fn changed(&self, ground: Color) -> Color {
        self.ink.over(ground, 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance times 1000 of WCAG 2.2.
    fn luminance(color: Color) -> f64 {
        let channel = |shift: u32| {
            let part = f64::from(color.0 >> shift & 255) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    fn contrast(one: Color, other: Color) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_reads_on_every_ground_and_hues_stand_out() {
        for palette in [LIGHT, DARK] {
            for ground in [palette.desk, palette.paper, palette.row] {
                for text in [palette.ink, palette.ink2, palette.ink3, palette.red] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
                }
                for identity in palette.identities {
                    assert!(contrast(identity.hue, ground) >= 3.0, "{identity:?} on {ground:?}");
                }
            }
            for identity in palette.identities {
                assert!(contrast(identity.label, identity.hue) >= 4.5, "{identity:?}");
                assert!(contrast(palette.ink, palette.tint(identity)) >= 7.0, "{identity:?}");
            }
            assert!(contrast(palette.on_act, palette.act) >= 4.5);
            assert!(contrast(palette.on_ink, palette.ink) >= 4.5);
        }
    }

    #[test]
    fn mixing_meets_its_ends() {
        let (one, other) = (Color(0x102030), Color(0xA0B0C0));
        assert_eq!(one.over(other, 0), other);
        assert_eq!(one.over(other, 100), one);
        assert_eq!(Color(0).over(Color(0xFFFFFF), 50), Color(0x808080));
    }

    #[test]
    fn a_seventh_partition_is_neutral() {
        assert_eq!(LIGHT.identity(6), LIGHT.neutral());
        assert_eq!(LIGHT.identity(60), LIGHT.neutral());
    }
}
