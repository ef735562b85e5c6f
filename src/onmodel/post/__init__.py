"""Picture and sound: probing, technical gates, conform, soundtrack and cut. All ffmpeg is in here."""
