"""`python -m press`: writes the site anew and takes away what is no part of it any more."""

from __future__ import annotations

from press.site import SITE, files


def main() -> None:
    made = files()
    SITE.mkdir(parents=True, exist_ok=True)
    for kept in SITE.iterdir():
        if kept.name not in made:
            kept.unlink()
    for name, text in made.items():
        (SITE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
