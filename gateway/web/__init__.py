"""The page at `/`: plain HTML, CSS and JavaScript modules, served as they are. `gateway/routes/web.py` serves them."""
