"""Colours that can be read in every theme, and lanes that everybody can tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.color import BLACK, WHITE, Color, ColorParseError

TEXT_CONTRAST = 4.5
LINE_CONTRAST = 3.0
"""The least contrast of text, and of what is only drawn (WCAG 2.2, 1.4.3 and 1.4.11)."""
_LANES = {  # Okabe and Ito's palette, which colour-blind people can tell apart; darker on light themes
    True: ("#56B4E9", "#E69F00", "#009E73", "#CC79A7"),
    False: ("#0072B2", "#B35900", "#00694D", "#A3336F"),
}
_LANES_OF_16 = {  # as Rich knows them: the nearest to those above are twice a cyan, and the color of text
    True: ("#55FFFF", "#AA5500", "#55FF55", "#FF55FF"),
    False: ("#0000AA", "#AA5500", "#00AA00", "#AA00AA"),
}
_BACKGROUNDS = ("background", "surface", "panel")
_TEXTS = (
    "foreground",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
)
_FOOTER = "footer-background"
_FOOTER_TEXTS = {
    "footer-foreground": "footer-foreground",
    "footer-description-foreground": "footer-description-foreground",
    "footer-key-foreground": "text-accent",
}
"""Each with the color that it is made of: of 16 the one nearest to a theme's own for keys may be red, an alarm."""
_STEPS = 50


def readable(color: Color, backgrounds: Sequence[Color], contrast: float) -> Color:
    """The color, as much lighter or darker as it takes for this contrast with every background."""
    aim = max((BLACK, WHITE), key=lambda extreme: _least_contrast(extreme, backgrounds))
    shades = (color.blend(aim, step / _STEPS) for step in range(_STEPS + 1))
    return next((shade for shade in shades if _least_contrast(shade, backgrounds) >= contrast), aim)


def readable_variables(theme: Mapping[str, str], *, dark: bool, has_16_colors: bool = False) -> dict[str, str]:
    """The variables of a theme that need a change to be read, and ours: `lane-N`, `quiet`, `mark`.

    Where the terminal has 16 colors, those of the lanes are four that it has. A theme that leaves its background to
    the terminal is left alone: nobody knows what is behind its text.
    """
    lanes = dict(enumerate(map(Color.parse, (_LANES_OF_16 if has_16_colors else _LANES)[dark]), start=1))
    names = (*_BACKGROUNDS, *_TEXTS, _FOOTER, *_FOOTER_TEXTS)
    colors = {name: color for name in names if (color := _opaque(theme.get(name, "")))}
    background, foreground = colors.get("background"), colors.get("foreground")
    if background is None or foreground is None:
        plain = {"quiet": theme["foreground"], "mark": theme["foreground"]}
        return plain | {f"lane-{lane}": color.hex for lane, color in lanes.items()}
    backgrounds = [colors[name] for name in _BACKGROUNDS if name in colors]
    found = {name: readable(colors[name], backgrounds, TEXT_CONTRAST) for name in _TEXTS if name in colors}
    if _FOOTER in colors:
        texts = {name: colors[of] for name, of in _FOOTER_TEXTS.items() if of in colors}
        found |= {name: readable(color, [colors[_FOOTER]], TEXT_CONTRAST) for name, color in texts.items()}
    found["quiet"] = readable(background.blend(foreground, 0.7), backgrounds, TEXT_CONTRAST)
    found["mark"] = readable(background.blend(foreground, 0.4), [background], LINE_CONTRAST)
    for lane, color in lanes.items():
        found[f"lane-{lane}"] = color if has_16_colors else readable(color, [background], TEXT_CONTRAST)
    return {name: color.hex for name, color in found.items()}


def _least_contrast(color: Color, backgrounds: Sequence[Color]) -> float:
    return min(_contrast(color, background) for background in backgrounds)


def _contrast(one: Color, other: Color) -> float:
    """WCAG 2.2, contrast ratio: 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    """WCAG 2.2, relative luminance: 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _opaque(text: str) -> Color | None:
    """A colour that says all of what is seen; None for `auto 87%`, the terminal's own, or nothing."""
    try:
        color = Color.parse(text)
    except ColorParseError:
        return None
    return None if color.ansi is not None or color.a < 1 else color
