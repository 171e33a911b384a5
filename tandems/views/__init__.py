"""Views of the partnerships: public pages, and the internal area of each."""
