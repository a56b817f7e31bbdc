"""What runs winnowd for a long time: the doorbell, the schedule, the workers, the loop, and the word to systemd."""
