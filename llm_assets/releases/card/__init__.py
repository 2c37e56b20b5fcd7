"""What people read of a release: a page with pictures, and the data card of dataset hubs.

Both follow from the manifest alone.
"""
