"""Identity, measured: is the character on screen the one of the bible?"""
