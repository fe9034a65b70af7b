"""What grid staff report from their patrols (A08)."""
