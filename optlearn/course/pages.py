"""Lessons as pages of HTML, for reading without JupyterLab, also by a screen reader.

nbconvert's own page says "No description has been provided" of every picture, although a lesson
stores one; its prompts, numbers and comments are too faint (WCAG 2.2 asks for 4.5 to 1), and its
links differ from the text around them by their colour alone.
"""

import re
from pathlib import Path

TEMPLATE = """\
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_css -%}
{{ super() }}
<style>
:root {
  --jp-mirror-editor-number-color: #006400;
  --jp-mirror-editor-operator-color: #8000c8;
  --jp-mirror-editor-comment-color: #2c6262;
}
.jp-InputPrompt, .jp-OutputPrompt { opacity: 1 !important; color: #595959 !important; }
.jp-RenderedHTMLCommon a:not(.anchor-link) { text-decoration: underline !important; }
</style>
{%- endblock html_head_css -%}
{%- block data_png -%}
<div class="jp-RenderedImage jp-OutputArea-output" tabindex="0">
<img src="data:image/png;base64,{{ output.data['image/png'] | escape_html }}"
 alt="{{ (output | get_metadata('alt', 'image/png') or '') | escape_html }}">
</div>
{%- endblock data_png -%}
"""


def page(path):
    """Return a notebook as one page of HTML, as it is stored: nothing is executed.

    Pictures carry their text twins as alternative texts, and explorers are shown by their
    pictures. Only formulas need a network, for MathJax.
    """
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(raw_template=TEMPLATE).from_filename(str(path))
    heading = re.search(r"<h1\b[^>]*>(.*?)<a class=\"anchor-link\"", html, re.DOTALL)
    if heading is None:
        return html
    return re.sub(r"<title>.*?</title>", lambda _: f"<title>{heading[1]}</title>", html, count=1)


def write(paths, folder):
    """Write each notebook's page into a folder, and return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for path in map(Path, paths):
        # Every exercise has the same name; its folder tells them apart.
        stem = path.parent.name if path.stem == "exercise" else path.stem
        made.append(folder / f"{stem}.html")
        made[-1].write_text(page(path), encoding="utf-8")
    return made
