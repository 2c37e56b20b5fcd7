"""Fine-tuning sets: documents with a label, dealt to splits, in the files that trainers read."""
