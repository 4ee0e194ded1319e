resource "aws_lambda_function" "reviewer" {
  function_name = "reviewer"
  model_id      = "us.anthropic.claude-3-7-sonnet-20250219-v1:0"
}
