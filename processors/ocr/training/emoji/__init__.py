"""Learning to name emoji: pictures in, weights out."""
