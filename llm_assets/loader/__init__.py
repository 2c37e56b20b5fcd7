"""A small loader of a release's tokens: `llm_assets.loader.token_loader.TokenLoader`.

It needs numpy alone; boto3 for a release on S3, and torch where tensors are asked for.
"""
