"""The holder's side: receiving, holding, selecting, presenting, and remembering what was shown."""
