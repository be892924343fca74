"""What leaves posekit: OSC."""
