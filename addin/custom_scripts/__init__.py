"""Empty on purpose: whatever stands here could be called by its name from outside, decorated or not."""
