"""QR codes of a presentation: ``text`` packs, ``drawing`` draws, ``reading`` reads. Import the module that you need.

``drawing`` loads qrcode and ``reading`` loads Pillow and zxing-cpp, each only when it is called.
"""
