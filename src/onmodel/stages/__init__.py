"""The crew's work, stage by stage: plain async functions over ports; they know nothing of Prefect."""
