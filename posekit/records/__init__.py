"""What a show keeps: logs, anonymous counts, reports, and the sheet that tells visitors of them."""
