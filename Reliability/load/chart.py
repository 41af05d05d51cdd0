"""Lines over time as SVG, one panel below the other, on white, so that it can be read in a dark page, too."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

WIDTH, PANEL, GAP = 860, 130, 44
LEFT, RIGHT, TOP = 70, 20, 40
COLOURS = ["#0b62b8", "#c4490b", "#1a7f37", "#7d3fb8"]
INK, GRID, SHADE = "#1f2328", "#d8dee4", "#fff1dc"


@dataclass
class Line:
    name: str
    # (x, y)
    points: list


@dataclass
class Panel:
    title: str
    unit: str
    lines: list
    # Spans of x that are shaded.
    shaded: list = field(default_factory=list)


def ticks(most, count=4):
    """0 and round numbers up to at least `most`."""
    step = 1e-9
    while True:
        for factor in (1, 2, 5):
            if step * factor * count >= most * 0.9999:
                whole = range(int(-(-most * 0.9999 // (step * factor))) + 1)
                return [number * step * factor for number in whole]
        step *= 10


def label(value):
    return f"{value:,.0f}" if value >= 10 or abs(value - round(value)) < 1e-6 else f"{value:.2g}"


def draw(title, panels, x_title, x_most):
    height = TOP + len(panels) * (PANEL + GAP) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="-apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(LEFT, 18, title, size=14, weight="bold"),
    ]
    for number, panel in enumerate(panels):
        parts += draw_panel(panel, TOP + number * (PANEL + GAP) + 12, x_most)
    parts += [text(LEFT + (WIDTH - LEFT - RIGHT) / 2, height - 10, x_title, anchor="middle"), "</svg>"]
    return "\n".join(parts) + "\n"


def draw_panel(panel, top, x_most):
    highest = max((y for line in panel.lines for _, y in line.points), default=1) or 1
    heights = ticks(highest)
    right, bottom = WIDTH - RIGHT, top + PANEL

    def across(x):
        return round(LEFT + x / x_most * (right - LEFT), 1)

    def up(y):
        return round(bottom - y / heights[-1] * PANEL, 1)

    parts = [rect(across(start), top, across(end) - across(start), PANEL, SHADE) for start, end in panel.shaded]
    parts.append(text(LEFT, top - 8, f"{panel.title}, {panel.unit}" if panel.unit else panel.title, weight="bold"))
    for value in heights:
        parts.append(f'<path d="M{LEFT} {up(value)}H{right}" stroke="{GRID}"/>')
        parts.append(text(LEFT - 8, up(value) + 4, label(value), anchor="end"))
    for value in ticks(x_most, 10):
        if value <= x_most * 1.0001:
            parts.append(f'<path d="M{across(value)} {bottom}v4" stroke="{INK}"/>')
            parts.append(text(across(value), bottom + 17, label(value), anchor="middle"))
    for line, colour in zip(panel.lines, COLOURS):
        path = "L".join(f"{across(x)} {up(y)}" for x, y in line.points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"/>')
    return parts + legend(panel, right, top - 8)


def legend(panel, right, y):
    """From right to left; a letter takes about 6.6 px."""
    parts = []
    for line, colour in reversed(list(zip(panel.lines, COLOURS))):
        parts.append(text(right, y, line.name, anchor="end"))
        right -= round(len(line.name) * 6.6) + 6
        parts.append(f'<path d="M{right - 16} {y - 4}h14" stroke="{colour}" stroke-width="3"/>')
        right -= 32
    return parts


def text(x, y, words, size=12, anchor="start", weight="normal"):
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'
    )


def rect(x, y, width, height, colour):
    return f'<rect x="{x}" y="{y}" width="{round(width, 1)}" height="{height}" fill="{colour}"/>'
