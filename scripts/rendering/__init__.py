"""What scripts/render.py renders; each part yields the path and the text of every file that it renews."""
